import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  { ignores: ["dist/", "src/gen/"] },
  ...tseslint.configs.strictTypeChecked,
  { languageOptions: { parserOptions: { projectService: { allowDefaultProject: ["eslint.config.js"] } } } },
  {
    rules: {
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // A number from the wire need not be one of the enumeration's, whatever its type says.
      "@typescript-eslint/no-unnecessary-condition": "off",
    },
  },
  {
    files: ["test/**"],
    rules: {
      // node:test runs what `test` and `describe` are given; their promises are its own.
      "@typescript-eslint/no-floating-promises": "off",
      // Values that no enumeration has are what is tested.
      "@typescript-eslint/no-unsafe-enum-assignment": "off",
    },
  },
);
