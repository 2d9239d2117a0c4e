"""A tenant's webhook: where it is, and how it is told of approvals in the form of Standard Webhooks."""
