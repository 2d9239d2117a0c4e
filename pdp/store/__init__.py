"""What the decision point keeps: configuration, keys and the record."""
