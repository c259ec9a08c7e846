"""Cards of ours on a CRM's own pages. See README.md."""
