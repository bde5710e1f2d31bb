"""The screens of Webhooks."""
