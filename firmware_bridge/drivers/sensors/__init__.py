"""One module for each sensor; see ``registry``."""
