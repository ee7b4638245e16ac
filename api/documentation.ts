import { dirname } from 'node:path';
import type { Express, Response } from 'express';
import helmet from 'helmet';
import { codesAsHtml } from './codes-page';
import { describeApi } from './openapi';
import type { Operation } from './operation';
import { contextOf } from './request-context';

const swaggerFolder = dirname(require.resolve('swagger-ui-dist/package.json'));
const served = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

/** The pages run scripts and styles of this host alone; Swagger UI sets styles on its elements. */
const pageSecurity = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      'default-src': ["'none'"],
      'script-src': ["'self'"],
      'style-src': ["'self'", "'unsafe-inline'"],
      'img-src': ["'self'", 'data:'],
      'connect-src': ["'self'"],
      'frame-ancestors': ["'none'"],
      'base-uri': ["'none'"],
      'form-action': ["'none'"],
    },
  },
});

const apiPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Waybill API</title>
    <link rel="icon" type="image/png" href="/docs/favicon-32x32.png" />
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
    <link rel="stylesheet" href="/docs/page.css" />
  </head>
  <body>
    <main id="api"></main>
    <noscript>This page needs JavaScript. The same description is at <a href="/openapi.json">/openapi.json</a>.</noscript>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/page.js"></script>
  </body>
</html>
`;

const pageScript = `window.SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  docExpansion: 'list',
  displayRequestDuration: true,
  validatorUrl: null,
});
`;

const pageStyle = `body { margin: 0; background: #fff; }
.page { box-sizing: border-box; max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; font: 1rem/1.5 system-ui, sans-serif; color: #1d2430; }
.page h2 { margin-top: 3rem; }
.page h3 { margin: 2rem 0 0.25rem; font-family: ui-monospace, monospace; font-size: 1rem; overflow-wrap: anywhere; }
.page h3:target { background: #fff3c4; }
.page p { margin: 0.25rem 0; }
@media (max-width: 40rem) {
  .swagger-ui .wrapper { padding: 0 0.5rem; }
  .swagger-ui .opblock .opblock-summary-path { max-width: none; }
  .swagger-ui table.parameters, .swagger-ui table.parameters tbody, .swagger-ui table.parameters tr, .swagger-ui table.parameters td { display: block; width: auto; }
  .swagger-ui table.parameters thead { display: none; }
}
`;

/** Serves the API's description (`/openapi.json`), its page (`/docs`) and the page of codes, all from this host. */
export function mountDocumentation(app: Express, operations: readonly Operation[]): void {
  let description: string | undefined;
  const send = (response: Response, type: string, text: string): void => {
    response.setHeader('content-type', type);
    response.setHeader('cache-control', 'no-cache');
    response.end(text);
  };
  app.use(['/docs', '/openapi.json'], pageSecurity, (request, _response, next) => {
    contextOf(request).route = request.baseUrl;
    next();
  });
  app.get('/openapi.json', (_request, response) => {
    description ??= JSON.stringify(describeApi(operations));
    send(response, 'application/json', description);
  });
  app.get('/docs', (_request, response) => send(response, 'text/html; charset=utf-8', apiPage));
  app.get('/docs/errors', (_request, response) => send(response, 'text/html; charset=utf-8', codesAsHtml()));
  app.get('/docs/page.js', (_request, response) => send(response, 'text/javascript; charset=utf-8', pageScript));
  app.get('/docs/page.css', (_request, response) => send(response, 'text/css; charset=utf-8', pageStyle));
  for (const name of served) {
    app.get(`/docs/${name}`, (_request, response, next) => {
      response.sendFile(name, { root: swaggerFolder, maxAge: '1h' }, next);
    });
  }
}
