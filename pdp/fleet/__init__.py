"""Which revision decides, who may answer from it without asking, and how one revision gives way to the next."""
