"""Claims about changed functions that code can prove on a path, and the reasons by which code refutes a model's."""
