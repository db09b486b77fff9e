"""From labelled nights and a model to an evaluation that people can read."""
