"""The screens of Cuenta."""
