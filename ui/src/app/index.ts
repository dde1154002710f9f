export { useNonce } from './nonce.tsx';
export { readSetting, usePreferences, writeSetting } from './preferences.tsx';
export { safeNext } from './route.ts';
export { Link, usePlace, useRouter } from './router.tsx';
export { enterSession, usePermission, useSession } from './session.ts';
