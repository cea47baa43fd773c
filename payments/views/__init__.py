"""Pages of money: batches, bank files and answers, benefits."""
