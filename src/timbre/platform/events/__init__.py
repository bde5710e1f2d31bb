"""The screens of Eventos."""
