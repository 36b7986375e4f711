"""What people asked about their data, until when it is to be answered, and how far it is."""
