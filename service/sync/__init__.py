"""Reading a CRM: the runner, the scope, the ledger's other side."""
