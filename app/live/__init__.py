"""A night that is still growing, followed on the disk and scored as it comes."""
