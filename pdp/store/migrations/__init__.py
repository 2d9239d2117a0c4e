"""The schema's history. Each file in `versions` takes it one step further; none is edited after a release."""
