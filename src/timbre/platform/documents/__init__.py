"""The screens of Documentos."""
