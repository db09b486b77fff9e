"""Pages that this computer serves to its own browser, and to nobody else."""
