"""Marks on a night: event tables and annotation files, in and out."""
