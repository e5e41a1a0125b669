/** How a receiver checks signatures with the libraries of Standard Webhooks. README has the same. */
export const languages = ['Go', 'Node', 'Python', 'Java', 'PHP'] as const;

const go = `// go get github.com/standard-webhooks/standard-webhooks/libraries
import webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

wh, err := webhooks.NewWebhook(os.Getenv("WEBHOOK_SECRET"))
if err != nil {
	log.Fatal(err)
}
http.HandleFunc("POST /wechat", func(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 2<<20))
	if err != nil || wh.Verify(body, r.Header) != nil {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	// handle body once for each r.Header.Get("webhook-id")
	w.WriteHeader(http.StatusNoContent)
})`;

const node = `// npm install standardwebhooks express
import express from 'express';
import { Webhook } from 'standardwebhooks';

const wh = new Webhook(process.env.WEBHOOK_SECRET);
const app = express();
app.post('/wechat', express.text({ type: '*/*', limit: '2mb' }), (req, res) => {
  let push;
  try {
    push = wh.verify(req.body, req.headers); // the JSON body, parsed
  } catch {
    return res.status(401).end();
  }
  // handle push once for each req.headers['webhook-id']
  res.status(204).end();
});`;

const python = `# pip install standardwebhooks flask
import os
from flask import Flask, request
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

wh = Webhook(os.environ["WEBHOOK_SECRET"])
app = Flask(__name__)

@app.post("/wechat")
def receive():
    try:
        push = wh.verify(request.get_data(), dict(request.headers))  # the JSON body, parsed
    except WebhookVerificationError:
        return "", 401
    # handle push once for each request.headers["webhook-id"]
    return "", 204`;

const java = `// Maven: com.standardwebhooks:standardwebhooks, Java 11
import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;

// in a servlet's doPost(request, response)
String body = new String(request.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
Map<String, List<String>> headers = Collections.list(request.getHeaderNames()).stream()
    .collect(Collectors.toMap(name -> name, name -> Collections.list(request.getHeaders(name))));
try {
    new Webhook(System.getenv("WEBHOOK_SECRET"))
        .verify(body, HttpHeaders.of(headers, (name, value) -> true)); // java.net.http.HttpHeaders
} catch (WebhookVerificationException e) {
    response.setStatus(401);
    return;
}
// handle body once for each request.getHeader("webhook-id")
response.setStatus(204);`;

const php = `// composer require standard-webhooks/standard-webhooks
require 'vendor/autoload.php';

$wh = new \\StandardWebhooks\\Webhook(getenv('WEBHOOK_SECRET'));
try {
    // the JSON body, parsed
    $push = $wh->verify(file_get_contents('php://input'), array_change_key_case(getallheaders()));
} catch (\\StandardWebhooks\\Exception\\WebhookVerificationException $e) {
    http_response_code(401);
    exit;
}
// handle $push once for each $_SERVER['HTTP_WEBHOOK_ID']
http_response_code(204);`;

export const snippets: Record<(typeof languages)[number], string> = {
  Go: go,
  Node: node,
  Python: python,
  Java: java,
  PHP: php,
};
