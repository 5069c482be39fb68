"""The two models behind two small protocols; the only part of lrev that imports a model library."""
