"""What is known of each verb. A verb that has no entry here is blocked, whatever any policy says."""
