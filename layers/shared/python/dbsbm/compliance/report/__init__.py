"""Reports of what controls came to: one content, four formats. They are documents, in English as the controls are."""
