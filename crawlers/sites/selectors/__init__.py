"""Any site by configuration."""
