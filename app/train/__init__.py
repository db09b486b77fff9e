"""From labelled nights to a model: what the command `train` is made of."""
