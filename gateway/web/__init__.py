"""The web pages: server-made HTML, real links and forms. They ask and send what the API would."""
