export default {
  input: 'openapi.json',
  output: { path: 'errand', importFileExtension: '.js' },
  plugins: ['@hey-api/client-fetch'],
};
