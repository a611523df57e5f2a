"""``faq/`` files -> procedures, facts and checklists: validated, dated, sourced."""
