"""The web pages: server-made HTML, real links and forms. Shows what the API would answer, sends what the API would take."""
