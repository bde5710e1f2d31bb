"""The screen of Registro de actividad."""
