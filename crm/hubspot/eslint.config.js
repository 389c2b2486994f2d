import { config } from '@hubspot/eslint-config-ui-extensions';
import typescript from 'typescript-eslint';

export default [
  { ignores: ['dist/', 'node_modules/'] },
  ...config.map((part) => ({ ...part, files: part.files?.includes('eslint.config.js') ? part.files : ['src/**/*.{ts,tsx}'] })),
  ...typescript.configs.recommended.map((part) => ({ ...part, files: ['src/**/*.{ts,tsx}'] })),
];
