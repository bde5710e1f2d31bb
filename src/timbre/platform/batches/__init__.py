"""The screens of Lotes."""
