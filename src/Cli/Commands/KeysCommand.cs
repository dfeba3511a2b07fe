using System.CommandLine;
using System.Globalization;
using Winnow.Gateway.Access;

namespace Winnow.Cli.Commands;

/// <summary><c>winnow keys</c>: makes, lists and revokes the API keys of a gateway.</summary>
internal static class KeysCommand
{
    public static Command Create()
    {
        var command = new Command("keys", "Makes, lists and revokes API keys in a file that gateways read (Gateway:KeysFile).");
        command.Subcommands.Add(CreateAdd());
        command.Subcommands.Add(CreateList());
        command.Subcommands.Add(CreateRevoke());
        return command;
    }

    private static Command CreateAdd()
    {
        Argument<string> name = Name();
        Option<string> file = KeyFile();
        Option<bool> admin = new("--admin") { Description = "Let the key use /admin too." };
        Option<int?> concurrent = CommandOptions.Integer("--max-concurrent", "Choices generated at once; 0 is unlimited.", 0, int.MaxValue);
        Option<int?> requests = CommandOptions.Integer("--requests-per-minute", "Generating requests a minute; 0 is unlimited.", 0, int.MaxValue);
        Option<int?> tokens = CommandOptions.Integer("--tokens-per-minute", "Prompt and generated tokens a minute; 0 is unlimited.", 0, int.MaxValue);
        Option<int?> priority = CommandOptions.Integer("--min-priority", "Most urgent priority that its requests may ask for; lower is more urgent.", int.MinValue, int.MaxValue);
        var command = new Command("add", "Makes a key, writes its hash into the file and prints the key, which is kept nowhere else.");
        command.Arguments.Add(name);
        foreach (Option option in new Option[] { file, admin, concurrent, requests, tokens, priority })
        {
            command.Options.Add(option);
        }
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(file)!;
            List<ApiKey> keys = File.Exists(path) ? [.. ApiKeyFile.Read(path)] : [];
            string secret = ApiKey.DrawSecret();
            var key = new ApiKey
            {
                Name = Checked(parsed.GetValue(name)!),
                Sha256 = ApiKey.HashOf(secret),
                Scopes = parsed.GetValue(admin) ? [ApiScope.Inference, ApiScope.Admin] : [ApiScope.Inference],
                Created = TimeProvider.System.GetUtcNow(),
                Limits = new ApiKeyLimits
                {
                    MaxConcurrent = parsed.GetValue(concurrent),
                    RequestsPerMinute = parsed.GetValue(requests),
                    TokensPerMinute = parsed.GetValue(tokens),
                    MinPriority = parsed.GetValue(priority),
                },
            };
            if (keys.Exists(known => known.Name == key.Name))
            {
                throw new CliException($"Key file '{path}' has a key named '{key.Name}' already; revoke it first, or choose another name.");
            }
            if (keys.Count == ApiKeyFile.MaxKeys)
            {
                throw new CliException($"Key file '{path}' holds {ApiKeyFile.MaxKeys} keys, which is the most; revoke one first.");
            }
            ApiKeyFile.Write(path, [.. keys, key]);
            Console.WriteLine(secret);
            return 0;
        });
        return command;
    }

    private static Command CreateList()
    {
        Option<string> file = KeyFile();
        var command = new Command("list", "Lists names, scopes and limits.");
        command.Options.Add(file);
        command.SetAction(parsed =>
        {
            foreach (ApiKey key in ApiKeyFile.Read(parsed.GetValue(file)!))
            {
                Console.WriteLine(Describe(key));
            }
            return 0;
        });
        return command;
    }

    private static Command CreateRevoke()
    {
        Argument<string> name = Name();
        Option<string> file = KeyFile();
        var command = new Command("revoke", "Takes a key out of the file; gateways refuse it from their next request on.");
        command.Arguments.Add(name);
        command.Options.Add(file);
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(file)!;
            IReadOnlyList<ApiKey> keys = ApiKeyFile.Read(path);
            ApiKey[] left = [.. keys.Where(key => key.Name != parsed.GetValue(name))];
            if (left.Length == keys.Count)
            {
                throw new CliException($"Key file '{path}' has no key named '{parsed.GetValue(name)}'; 'winnow keys list' shows which it has.");
            }
            ApiKeyFile.Write(path, left);
            return 0;
        });
        return command;
    }

    private static string Describe(ApiKey key)
    {
        (string Name, int? Value)[] limits =
        [
            ("max-concurrent", key.Limits?.MaxConcurrent), ("requests-per-minute", key.Limits?.RequestsPerMinute),
            ("tokens-per-minute", key.Limits?.TokensPerMinute), ("min-priority", key.Limits?.MinPriority),
        ];
        string scopes = string.Join(',', key.Scopes.Select(scope => scope.ToString().ToLowerInvariant()));
        string created = key.Created?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "unknown";
        return $"{key.Name}  {scopes}  {created}{string.Concat(limits.Where(limit => limit.Value is not null).Select(limit => $"  {limit.Name} {limit.Value}"))}";
    }

    private static Argument<string> Name() => new("NAME") { Description = "Name of the key: letters, digits, '.', '_' and '-'." };

    private static Option<string> KeyFile() => new("--file") { Description = "The key file.", Required = true };

    private static string Checked(string name) => ApiKey.IsName(name) ? name
        : throw new CliException($"'{name}' cannot name a key; names are 1 to {ApiKey.MaxNameLength} letters, digits, '.', '_' or '-'.", CliException.BadUsage);
}
