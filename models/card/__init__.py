"""The model card: what a model was trained on, how well it does, and what is not known."""

from __future__ import annotations

from .layout import Block, Grid
from .markdown import as_markdown
from .sections import banner, blocks, title

__all__ = ["Block", "Grid", "as_markdown", "banner", "blocks", "title"]
