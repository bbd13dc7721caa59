import {
  ActionIcon,
  AppShell,
  Badge,
  Button,
  Center,
  Container,
  Group,
  Loader,
  Text,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Route, Router, Switch, useLocation } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { answerOf, api } from './api.js';
import { ModelsPage } from './pages/models/models-page.js';
import { RunsPage } from './pages/runs/runs-page.js';
import { SignIn } from './pages/sign-in.js';
import { TryPage } from './pages/try/try-page.js';
import { ProblemAlert } from './problem-alert.js';
import { useServed } from './served.js';
import { useLanguage, useText } from './text/language.js';

/** The whole page: a header, and one of Try, Models and Runs. */
export function Page() {
  return (
    <Router hook={useHashLocation}>
      <AppShell header={{ height: { base: 96, sm: 56 } }} padding="md">
        <Header />
        <AppShell.Main id="content" tabIndex={-1}>
          <Container size="lg" px={0}>
            <Gate />
          </Container>
        </AppShell.Main>
      </AppShell>
    </Router>
  );
}

function useSession() {
  return useQuery({
    queryKey: ['session'],
    queryFn: () => answerOf(api.api.session.$get()),
  });
}

/** Asks for the password where there is one. */
function Gate() {
  const { data, error, refetch } = useSession();
  if (error) return <ProblemAlert error={error} retry={refetch} />;
  if (!data) return <Waiting />;
  if (!data.open) return <SignIn />;
  return (
    <Switch>
      <Route path="/models/:version?">{({ version }) => <ModelsPage chosen={version} />}</Route>
      <Route path="/runs/:runId?">{({ runId }) => <RunsPage chosen={runId} />}</Route>
      <Route>
        <TryPage />
      </Route>
    </Switch>
  );
}

function Waiting() {
  const text = useText();
  return (
    <Center py="xl">
      <Loader aria-label={text.loading} />
    </Center>
  );
}

function Header() {
  const text = useText();
  const session = useSession().data;
  const [location] = useLocation();
  const skip = () => document.getElementById('content')?.focus();
  return (
    <AppShell.Header px="md">
      <button type="button" className="skip" onClick={skip}>
        {text.skip}
      </button>
      <Container size="lg" h="100%" px={0}>
        <Group h="100%" justify="space-between" gap="xs">
          <Group component="nav" gap={4} aria-label="ml4">
            {(['try', 'models', 'runs'] as const).map((page) => {
              const path = page === 'try' ? '/' : `/${page}`;
              const here = page === 'try' ? location === '/' : location.startsWith(path);
              return (
                <Link
                  key={page}
                  href={path}
                  className="nav-link"
                  aria-current={here ? 'page' : undefined}
                >
                  {text.nav[page]}
                </Link>
              );
            })}
          </Group>
          <Group gap="xs">
            {session?.open && <Served />}
            <LanguageButton />
            <ColorButton />
            {session?.required && session.open && <SignOut />}
          </Group>
        </Group>
      </Container>
    </AppShell.Header>
  );
}

/** Which version answers now. */
function Served() {
  const text = useText();
  const { data } = useServed();
  if (!data) return null;
  const { model, status } = data;
  if (model) {
    return (
      <Badge color="teal.9" variant="filled" tt="none" size="lg">
        {text.serving(model.version)}
      </Badge>
    );
  }
  return (
    <Badge color="#a63c06" variant="filled" tt="none" size="lg">
      {status === 'loading' ? text.loadingModel : text.noModel}
    </Badge>
  );
}

function LanguageButton() {
  const { language, setLanguage, text } = useLanguage();
  const other = language === 'ko' ? 'en' : 'ko';
  return (
    <Button variant="default" size="compact-md" lang={other} onClick={() => setLanguage(other)}>
      {text.otherLanguage}
    </Button>
  );
}

function ColorButton() {
  const text = useText();
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  const label = dark ? text.toLight : text.toDark;
  return (
    <ActionIcon
      variant="default"
      size="md"
      aria-label={label}
      title={label}
      onClick={() => setColorScheme(dark ? 'light' : 'dark')}
    >
      <Text aria-hidden="true" size="sm">
        {dark ? '☀' : '☾'}
      </Text>
    </ActionIcon>
  );
}

function SignOut() {
  const text = useText();
  const queries = useQueryClient();
  const { mutate } = useMutation({
    mutationFn: () => answerOf(api.api.session.$delete()),
    onSuccess: () => queries.invalidateQueries(),
  });
  return (
    <Button variant="default" size="compact-md" onClick={() => mutate()}>
      {text.signOut}
    </Button>
  );
}
