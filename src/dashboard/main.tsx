import '@mantine/core/styles.css';
import '@mantine/spotlight/styles.css';
import './theme.css';
import { createRoot } from 'react-dom/client';
import { App } from './app';
import { setStyleNonce } from './style-nonce';
import { forbidMarkup } from './trusted-types';

forbidMarkup();
setStyleNonce();
createRoot(document.getElementById('root')!).render(<App />);
