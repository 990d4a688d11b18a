# region show
from flask import Flask

app = Flask(__name__)


@app.get("/")
def hello():
    return "Hello, world", {"Content-Type": "text/plain; charset=utf-8"}
# endregion show


client = app.test_client()
found = client.get("/")
print(found.status_code, found.mimetype, found.text)
print(client.get("/missing").status_code)
