System.Console.WriteLine("kennel");
