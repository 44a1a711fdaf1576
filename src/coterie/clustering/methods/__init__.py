"""One estimator a file; each takes a complete matrix, except the latent-class mixture, which takes numbers and codes."""
