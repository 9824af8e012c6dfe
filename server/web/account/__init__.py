"""The account over HTTP: signing in, and the pages that mails link to."""
