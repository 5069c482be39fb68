"""What a model is good for, measured before it is trusted (docs/models.md)."""
