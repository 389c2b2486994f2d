const { defineConfig } = require("eslint/config");
const jest = require("eslint-plugin-jest");
const lwc = require("@salesforce/eslint-config-lwc/recommended");

module.exports = defineConfig([
    { files: ["force-app/**/lwc/**/*.js"], extends: [lwc] },
    {
        files: ["force-app/**/lwc/**/*.test.js"],
        extends: [lwc],
        rules: { "@lwc/lwc/no-unexpected-wire-adapter-usages": "off" },
        languageOptions: { globals: jest.environments.globals.globals }
    }
]);
