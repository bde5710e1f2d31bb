"""The screens of Empresas."""
