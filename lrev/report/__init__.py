"""Review -> what a person or a tool reads. No form of it is ever sent, and none carries a review tag."""
