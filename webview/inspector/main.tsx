// The page: what asks for the model and shows it, then the controls, which are ready while the answer is on its way.
import './start.tsx';
import '../shared/toolkit.ts';
