"""The commands that come with the decision point."""
