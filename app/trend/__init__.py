"""Many nights of one person: what they show together, and experiments over them."""
