"""What a person touches: one subpackage for each family of verbs."""
