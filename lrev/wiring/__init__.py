"""The only place where an entry of models.toml becomes a real model."""
